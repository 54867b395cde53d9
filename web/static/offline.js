// A form that is filled in where there may be no signal: what is typed, drawn and picked stays on this device until the
// house has taken it. Words in localStorage (written at once), files in IndexedDB; both under officer and item.
(function () {
  "use strict";
  const bar = document.querySelector("[data-offline]");
  const form = document.querySelector("form[data-testid=work-form]");
  if (!bar || (form && !form.querySelector("[name=submit_id]"))) return; // an attempt without a number could count twice
  const words = bar.dataset;
  const key = `duban:${words.offline}`;
  const LARGEST = 8 * 1024 * 1024; // bytes of one file
  const ALL = 18 * 1024 * 1024; // bytes of all of them: what one request may carry
  const AGAIN = 15000; // milliseconds between attempts
  const PATIENCE = 60000; // milliseconds until an attempt counts as lost
  let sending = false;

  const read = () => JSON.parse(localStorage.getItem(key) || "null");
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  function tell(text, kind) {
    bar.hidden = false;
    bar.className = `notice-bar ${kind || "info"}`;
    bar.lastElementChild.textContent = text;
  }

  function write(kept) {
    try {
      localStorage.setItem(key, JSON.stringify(kept));
      return true;
    } catch (problem) {
      tell(words.full, "danger");
      return false;
    }
  }

  // --- files: one record for each field
  function store(mode, act) {
    return new Promise((done, failed) => {
      const asked = indexedDB.open("duban", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("files");
      asked.onerror = () => failed(asked.error);
      asked.onsuccess = () => {
        const database = asked.result;
        const change = database.transaction("files", mode);
        const answer = act(change.objectStore("files"));
        change.oncomplete = () => { database.close(); done(answer.result); };
        change.onerror = () => { database.close(); failed(change.error); };
      };
    });
  }
  const keepFiles = (name, files) => store("readwrite", (files_) => files_.put(files, `${key}|${name}`)).catch(() => tell(words.full, "danger"));
  const keptFiles = (name) => store("readonly", (files_) => files_.get(`${key}|${name}`)).catch(() => []);
  const range = () => IDBKeyRange.bound(`${key}|`, `${key}|\uffff`);
  const dropFiles = () => store("readwrite", (files_) => files_.delete(range())).catch(() => null);

  function put(input, files) {
    const carried = new DataTransfer();
    files.forEach((file) => carried.items.add(file));
    input.files = carried.files;
  }

  // --- what is typed
  function typed() {
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !["csrf_token", "version", "submit_id"].includes(name)) (fields[name] = fields[name] || []).push(value);
    }
    return fields;
  }

  function keep(queued) {
    const before = read() || {};
    return write({
      fields: typed(),
      submit_id: before.submit_id || form.querySelector("[name=submit_id]").value,
      queued: Boolean(queued),
    });
  }

  async function forget() {
    localStorage.removeItem(key);
    sessionStorage.removeItem(`draft:${location.pathname}`);
    await dropFiles();
  }

  async function restore() {
    const kept = read();
    if (!kept) return;
    form.querySelector("[name=submit_id]").value = kept.submit_id; // the same attempt, however often it is made
    all("input, textarea, select", form).forEach((field) => {
      if (!field.name || field.type === "hidden" || field.type === "file") return;
      const values = kept.fields[field.name];
      if (field.type === "checkbox" || field.type === "radio") field.checked = Boolean(values && values.includes(field.value));
      else field.value = values ? values[0] : "";
    });
    for (const input of all("input[type=file]", form)) {
      const files = await keptFiles(input.name);
      if (files && files.length) put(input, files);
    }
    tell(kept.queued ? words.queued : words.found);
    if (kept.queued) send();
  }

  // --- sending: once, however often it is tried, because every attempt carries the same number
  function body() {
    if (form) return new FormData(form);
    const kept = read();
    const made = new FormData();
    Object.entries(kept.fields).forEach(([name, values]) => values.forEach((value) => made.append(name, value)));
    made.append("submit_id", kept.submit_id);
    made.append("version", "0");
    made.append("csrf_token", (document.querySelector("input[name=csrf_token]") || {}).value || "");
    return made;
  }

  async function send() {
    if (sending) return;
    sending = true;
    if (form) keep(true);
    tell(words.sending);
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(words.action, { method: "POST", body: body(), credentials: "same-origin", signal: stop.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.querySelector(".login-form") || answer.status === 400 || answer.status === 401) expired();
      else if (answer.redirected && answer.ok) await taken(answer.url);
      else if (answer.status >= 500) tell(words.queued, "warning"); // the house is down: tried again
      else refused(page);
    } catch (problem) {
      tell(words.queued, "warning");
    } finally {
      clearTimeout(clock);
      sending = false;
    }
  }

  async function taken(address) {
    await forget();
    location.assign(address);
  }

  function expired() {
    tell(`${words.expired} `, "warning");
    const link = document.createElement("a");
    link.href = location.pathname;
    link.textContent = words.login;
    bar.lastElementChild.append(link);
    if (form) keep(true);
    const kept = read();
    if (kept) write(Object.assign(kept, { waits: true }));
  }

  function refused(page) {
    if (form) keep(false);
    const said = ["[data-testid=problems]", "[data-testid=closed]", "main h1"].map((each) => page.querySelector(each)).find(Boolean);
    tell(`${words.refused}${said ? said.textContent.replace(/\s+/g, " ").trim() : ""}`, "danger");
    if (!form) offerToDrop();
    else bar.scrollIntoView({ block: "center" });
  }

  function offerToDrop() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-secondary btn-sm";
    button.textContent = words.drop;
    button.addEventListener("click", () => { forget(); bar.hidden = true; });
    bar.append(button);
  }

  function tryAgain() {
    const kept = read();
    if (kept && kept.queued && !kept.waits) send();
  }

  // --- signatures: a drawing becomes the file of its field
  function pad(box) {
    const canvas = box.querySelector("canvas");
    const input = document.getElementById(box.dataset.signature);
    const pen = canvas.getContext("2d");
    let drawn = 0;
    let down = false;
    const clear = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); drawn = 0; };
    const at = (event) => {
      const place = canvas.getBoundingClientRect();
      return [(event.clientX - place.left) * canvas.width / place.width, (event.clientY - place.top) * canvas.height / place.height];
    };
    canvas.addEventListener("pointerdown", (event) => {
      down = true;
      canvas.setPointerCapture(event.pointerId);
      pen.lineWidth = 4;
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = "#111";
      pen.beginPath();
      pen.moveTo(...at(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!down) return;
      pen.lineTo(...at(event));
      pen.stroke();
      drawn += 1;
    });
    const finish = () => {
      if (!down) return;
      down = false;
      if (drawn < 3) return; // a touch is no signature
      const signer = (form.querySelector(`[name=${box.dataset.signer}]`) || { value: "" }).value.trim();
      const moment = new Date(Date.now() + 8 * 3600 * 1000).toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-");
      canvas.toBlob((picture) => {
        put(input, [new File([picture], `${[signer, moment].filter(Boolean).join("-")}.png`, { type: "image/png" })]);
        keepFiles(input.name, Array.from(input.files));
        keep(false);
        tell(words.kept);
        box.dataset.signed = "yes";
      }, "image/png");
    };
    canvas.addEventListener("pointerup", finish);
    canvas.addEventListener("pointercancel", finish);
    box.querySelector("button").addEventListener("click", () => {
      clear();
      put(input, []);
      keepFiles(input.name, []);
      delete box.dataset.signed;
    });
    clear();
    box.hidden = false;
  }

  function picked(input) {
    let room = ALL;
    const chosen = Array.from(input.files);
    const fitting = chosen.filter((file) => file.size <= LARGEST && (room -= file.size) >= 0);
    if (fitting.length < chosen.length) {
      put(input, fitting);
      tell(words.large, "warning");
    }
    keepFiles(input.name, fitting);
  }

  if (form) {
    all("[data-signature]", form).forEach(pad);
    form.addEventListener("input", () => { if (!sending) keep(false) && tell(words.kept); });
    form.addEventListener("change", (event) => { if (event.target.type === "file") { keep(false); picked(event.target); } });
    let toDraft = false;
    all("button[formaction]", form).forEach((button) => button.addEventListener("click", () => { toDraft = true; }));
    // Before everybody else: the browser's own way would leave the page, and with no connection lose it.
    window.addEventListener("submit", (event) => {
      if (event.target !== form) return;
      if (toDraft && navigator.onLine) { toDraft = false; return; }
      event.preventDefault();
      event.stopImmediatePropagation();
      if (toDraft) { toDraft = false; keep(false); tell(words.kept); return; }
      send();
    }, true);
    if (form.querySelector("[data-testid=problems]")) keep(false);
    else restore();
  } else {
    const kept = read();
    if (kept) { write(Object.assign(kept, { waits: false })); send(); }
  }
  const begun = read();
  if (begun && begun.waits) write(Object.assign(begun, { waits: false })); // this page was asked for anew: log-in is behind us
  window.addEventListener("online", tryAgain);
  setInterval(tryAgain, AGAIN);
})();
