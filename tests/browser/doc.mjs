// Drives the page of `pacto doc --serve` in Chromium: address, contract file and screenshot are
// arguments. Prints what it saw as JSON.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [address, contract, screenshot, modules] = process.argv.slice(2);
const { chromium } = createRequire(`${modules}/`)("playwright-core");
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const seen = { errors: [], outside: [] };
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("dialog", (dialog) => { seen.errors.push(dialog.message()); dialog.dismiss(); });
  page.on("request", (request) => request.url().startsWith(address) || seen.outside.push(request.url()));
  await page.goto(address);
  seen.title = await page.title();
  seen.boxes = await page.locator("svg.architecture rect").count();
  seen.tables = await page.locator("table").count();
  seen.scripts = await page.locator("script").count();
  await page.getByRole("link", { name: "2. Interfaces" }).click();
  seen.anchor = await page.locator('[id="2-interfaces"]').isVisible();
  await page.screenshot({ path: screenshot, fullPage: true });
  writeFileSync(contract, readFileSync(contract, "utf8").replace("1.0.0", "1.1.0"));
  await page.getByText("v1.1.0").first().waitFor({ timeout: 15000 });
  seen.reloaded = true;
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
