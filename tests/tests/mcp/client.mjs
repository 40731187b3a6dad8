// The official client: starts the server that stdin names, makes its calls, prints what came back. The
// client itself holds structured content to the output schemas.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { sdk, program, args, cwd, calls } = JSON.parse(readFileSync(0, 'utf8'));
const from = (path) => import(pathToFileURL(`${sdk}/dist/esm/client/${path}`).href);
const { Client } = await from('index.js');
const { StdioClientTransport } = await from('stdio.js');

const client = new Client({ name: 'test', version: '1' });
await client.connect(new StdioClientTransport({ command: program, args, cwd, env: process.env }));
const { tools } = await client.listTools();
const made = async ({ name, arguments: args }) => {
  try {
    return await client.callTool({ name, arguments: args });
  } catch (error) {
    return { refused: error.code, message: error.message };
  }
};
const results = [];
for (const call of calls) {
  results.push(call.atOnce ? made(call) : await made(call));
}
const server = client.getServerVersion();
const instructions = client.getInstructions();
const done = await Promise.all(results);
await client.close();
process.stdout.write(JSON.stringify({ server, instructions, tools, results: done }));
