// Runs the browser's verifier on cases of a JSON file: [{name, files: {name: base64}, calls?, swaps?: base64} | {name, zip: base64}]; prints {name: answer}.
"use strict";
const fs = require("fs"), path = require("path"), vm = require("vm");
const [, , folder, cases] = process.argv;
globalThis.fflate = require(path.join(folder, "../vendor/fflate/fflate.js"));
for (const name of ["characters", "sha256", "text", "tables", "promise", "replay", "afterwards", "bundle", "verify"]) {
  vm.runInThisContext(fs.readFileSync(path.join(folder, `${name}.js`), "utf8"), { filename: `${name}.js` });
}
const { verifyFiles, verifyBundle, Difference, NotABundle } = globalThis.hengjian;
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
(async () => {
  const answers = {}, { sha256, sha256After } = globalThis.hengjian, { createHash } = require("crypto");
  for (let length = 0; length < 300; length++) {
    const text = "0123456789abcdef".repeat(19).slice(0, length), wanted = createHash("sha256").update(text).digest("hex");
    for (const cut of [0, length >> 1, Math.min(67, length)]) {
      if (sha256(text) !== wanted || sha256After(text.slice(0, cut))(text.slice(cut)) !== wanted) throw new Error(`SHA-256 of ${length} bytes`);
    }
  }
  for (const { name, files, zip, commitment, ...more } of JSON.parse(fs.readFileSync(cases, "utf8"))) {
    const options = { commitment, ...Object.fromEntries(Object.entries(more).map(([table, text]) => [table, bytes(text)])) };
    try {
      const found = files
        ? await verifyFiles(Object.fromEntries(Object.entries(files).map(([file, text]) => [file, bytes(text)])), options)
        : await verifyBundle(bytes(zip).buffer, options);
      answers[name] = found.line;
      for (const table of ["calls", "swaps"]) if (found[table] !== null) answers[`${name} ${table}`] = String(found[table]);
      if (found.seed) answers[`${name} S`] = found.seed;
    } catch (error) {
      if (error instanceof Difference) answers[name] = `DIFFERENCE ${error.file}${error.line === null ? "" : `:${error.line}`} ${error.check}`;
      else if (error instanceof NotABundle) answers[name] = "NOT A BUNDLE";
      else throw error;
    }
  }
  process.stdout.write(JSON.stringify(answers));
})();
