//! How long a large YAML text takes: our tree, and the conforming event parser beside it as the
//! bound. Prints a row of Markdown for each.

#![allow(clippy::disallowed_types, reason = "a benchmark has a clock; the engine has none")]

use std::time::Instant;

use pacto_core::yaml::{parse, referee};

fn median(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..11)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let mut text = String::from("openapi: 3.1.0\npaths:\n");
    let mut i = 0;
    while text.len() < 3_600_000 {
        text.push_str(&format!(
            "  /resource-{i}/{{id}}:\n    get:\n      summary: \"Reads resource {i}\"\n      operationId: get{i}\n      parameters:\n        - {{name: id, in: path, required: true}}\n      responses:\n        \"200\": {{description: It is there.}}\n"
        ));
        i += 1;
    }
    println!("| {:.1} MB of YAML | median ms |\n|---|---|", text.len() as f64 / 1e6);
    println!("| our tree | {:.0} |", median(|| drop(parse(text.as_str()))));
    println!(
        "| yaml-rust2 events, the referee | {:.0} |",
        median(|| drop(referee::first_error(&text)))
    );
}
