// The verification off the page's thread, so that 200,000 tickets do not freeze it. Message in: {buffer, commitment, calls, swaps}; out: {progress} | {ok} | {difference} | {refused}.
"use strict";
importScripts(
  "../vendor/fflate/fflate.js", "characters.js", "sha256.js", "text.js", "tables.js", "promise.js", "replay.js", "afterwards.js", "bundle.js", "verify.js",
);
self.addEventListener("message", async ({ data: { buffer, commitment, calls, swaps } }) => {
  const { verifyBundle, Difference, NotABundle } = self.hengjian;
  try {
    const ok = await verifyBundle(buffer, { commitment, calls, swaps, progress: (stage, done, total) => self.postMessage({ progress: { stage, done, total } }) });
    self.postMessage({ ok });
  } catch (error) {
    if (error instanceof Difference) self.postMessage({ difference: { file: error.file, line: error.line, check: error.check, note: error.note } });
    else self.postMessage({ refused: error instanceof NotABundle ? error.message : String(error) });
  }
});
