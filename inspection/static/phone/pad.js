// A signature with finger, pen or mouse: lines of whole numbers in a box of 600 × 200, kept in the hidden field as JSON.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-pad]").forEach((pad) => {
    const canvas = pad.querySelector("canvas");
    const field = pad.querySelector("input[name=strokes]");
    const ink = canvas.getContext("2d");
    let lines = [];
    let line = null;
    const limit = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [limit((event.clientX - box.left) / box.width * canvas.width, canvas.width), limit((event.clientY - box.top) / box.height * canvas.height, canvas.height)];
    };
    const draw = () => {
      ink.clearRect(0, 0, canvas.width, canvas.height);
      Object.assign(ink, { lineWidth: 4, lineCap: "round", lineJoin: "round", strokeStyle: "#10243c" });
      [...lines, ...(line ? [line] : [])].forEach((points) => {
        ink.beginPath();
        ink.moveTo(points[0], points[1]);
        for (let i = 2; i < points.length; i += 2) ink.lineTo(points[i], points[i + 1]);
        if (points.length === 2) ink.lineTo(points[0], points[1]);
        ink.stroke();
      });
      field.value = lines.length ? JSON.stringify(lines) : "";
    };
    canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      line = place(event);
      draw();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!line) return;
      const [x, y] = place(event);
      if (Math.abs(x - line[line.length - 2]) + Math.abs(y - line[line.length - 1]) >= 3) { line.push(x, y); draw(); }
    });
    const end = () => { if (line) { lines.push(line); line = null; draw(); } };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    pad.querySelector("[data-pad-undo]").addEventListener("click", () => { lines.pop(); draw(); });
    pad.querySelector("[data-pad-clear]").addEventListener("click", () => { lines = []; draw(); });
    pad.closest("form").addEventListener("reset", () => { lines = []; draw(); });
    pad.hidden = false;
  });
  document.querySelectorAll("[data-only-firm]").forEach((part) => {
    const signer = part.closest("form").querySelector("[name=signer]");
    const show = () => { part.hidden = signer.value !== "firm"; };
    signer.addEventListener("change", show);
    show();
  });
});
