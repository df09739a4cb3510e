// "在本浏览器核验": reads a bundle (published here, or a file of the visitor's), hands it to the worker, shows what it says.
"use strict";
document.querySelectorAll("[data-verify]").forEach((form) => {
  const words = JSON.parse(form.dataset.words), out = form.querySelector("output"), bar = form.querySelector("progress");
  const button = form.querySelector("button"), file = form.querySelector("#bundle"), commitment = form.querySelector("[name=commitment]");
  let worker = null;

  const line = (text, kind) => {
    const p = document.createElement("p");
    if (kind) p.className = `verdict verdict-${kind}`;
    p.textContent = text;
    return p;
  };
  const list = (pairs) => {
    const dl = document.createElement("dl");
    for (const [name, value] of pairs) {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = name; dd.textContent = value;
      dl.append(dt, dd);
    }
    return dl;
  };
  const finish = (...parts) => {
    bar.hidden = true; button.disabled = false;
    if (worker) worker.terminate();
    worker = null;
    out.replaceChildren(...parts);
  };

  function told({ progress, ok, difference, refused }) {
    if (progress) {
      bar.max = progress.total || 1; bar.value = progress.done;
      out.textContent = `${words[progress.stage]} ${progress.done} / ${progress.total}`;
    } else if (ok) {
      const strata = ok.strata.map((s) => [`${words.stratum} ${s.name}`,
        `${words.population} ${s.population} · ${words.excluded} ${Object.entries(s.excluded).map(([k, n]) => `${k} ${n}`).join(" ") || 0} · n ${s.n} · ${words.probability} ${s.probability}`]);
      const sources = ok.sources.map((s) => [words.source, `${s.name} ${s.issue} ${s.drawn_at}`]);
      const after = ["calls", "swaps"].filter((name) => ok[name] !== null).map((name) => [words[name], String(ok[name])]);
      finish(line(`✓ ${words.same}`, "good"), line(ok.line),
        list([[words.commitment, ok.commitment], ...sources, [words.value, ok.public_value], ["S", ok.seed], ...strata, ...after]), line(words.compare));
    } else if (difference) {
      const { file: name, line: at, check, note } = difference;
      finish(line(`✗ ${words.different}`, "bad"), line(`DIFFERENCE ${name}${at === null ? "" : `:${at}`} ${check}${note ? `  ${note}` : ""}`));
    } else finish(line(`✗ ${words.refused}`, "bad"), line(refused));
  }

  const fetched = async (url) => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.arrayBuffer();
  };
  const bytesOf = async (input, url) => (input ? input.files.length && input.files[0].arrayBuffer() : url && fetched(url)) || null;
  const tableOf = async (name) => {
    const buffer = await bytesOf(form.querySelector(`#${name}`), form.dataset[name]);
    return buffer && new Uint8Array(buffer);
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true; bar.hidden = false; bar.removeAttribute("value");
    out.textContent = words.read;
    try {
      const buffer = await bytesOf(file, form.dataset.verify), calls = await tableOf("calls"), swaps = await tableOf("swaps");
      if (!buffer) { finish(line(words.choose)); return; }
      worker = new Worker(form.dataset.worker);
      worker.addEventListener("message", ({ data }) => told(data));
      worker.addEventListener("error", () => finish(line(`✗ ${words.failed}`, "bad")));
      worker.postMessage({ buffer, commitment: commitment.value, calls, swaps }, [buffer]);
    } catch (error) {
      finish(line(`✗ ${words.failed} ${error.message}`, "bad"));
    }
  });
  form.hidden = false;
});
