// The position of the phone for a check-in: asked for once, shown, sent with the form; without one the page says why.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector("[data-position]");
  if (!box) return;
  const said = box.querySelector("[data-said]"), again = box.querySelector("button"), form = box.closest("form");
  const put = (name, value) => { form.elements[name].value = value; };
  const say = (text) => { said.textContent = text; };
  const without = (text) => {
    say(text);
    const reason = form.elements.no_position_reason;
    reason.closest(".field").hidden = false;
    if (!reason.value) reason.value = text.slice(0, 200);
  };
  const ask = () => {
    if (!window.isSecureContext || !navigator.geolocation) { without(box.dataset.insecure); again.hidden = true; return; }
    say(box.dataset.asking);
    navigator.geolocation.getCurrentPosition((found) => {
      const at = found.coords;
      put("latitude", at.latitude.toFixed(6)); put("longitude", at.longitude.toFixed(6)); put("accuracy_m", String(Math.min(Math.ceil(at.accuracy), 100000)));
      put("no_position_reason", "");
      form.elements.no_position_reason.closest(".field").hidden = true;
      say(`${box.dataset.found} ${at.latitude.toFixed(5)}, ${at.longitude.toFixed(5)} ±${Math.ceil(at.accuracy)} m`);
    }, (error) => without(error.code === 1 ? box.dataset.denied : error.code === 3 ? box.dataset.late : box.dataset.unavailable),
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 });
  };
  again.addEventListener("click", ask);
  ask();
});
