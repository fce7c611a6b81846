"use strict";
// The table of users: filters, sorts and pages what stands in the page as JSON. Text is only ever set as text.
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 200, PRINTED = 5000;
  const [UPN, NAME, BATCH, OUTCOME, STANDING, ADDED, READY, REMOVED, MIGRATED, BARE, APPROVALS, NOTE] = Array(12).keys();
  const rows = data.rows, names = data.texts, words = data.words;
  const language = document.documentElement.lang, plural = new Intl.PluralRules(language);
  const $ = (id) => document.getElementById(id);
  const form = { q: $("q"), outcome: $("outcome"), batch: $("batch"), bare: $("bare") };
  const heads = Array.from(document.querySelectorAll("#users th[data-column]"));
  let sort = "", down = false, page = 0, shown = rows, all = false;

  // By a pattern of strftime, in UTC.
  const time = (seconds) => {
    if (seconds === null) return "";
    const [Y, m, d, H, M, S] = new Date((data.start + seconds) * 1000).toISOString().split(/\D/);
    const parts = { Y, m, d, H, M, S };
    return words.time.replace(/%(\w)/g, (_, part) => parts[part]);
  };
  const outcome = (row) => words.outcomes[names[row[OUTCOME]]] || names[row[OUTCOME]];
  const key = (row, column) => {
    const value = row[column];
    return column === OUTCOME ? outcome(row) : column === STANDING || column === NOTE ? names[value] || "" : value;
  };
  const number = (value) => value.toLocaleString(language);
  // A text of the page with its places filled in.
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function filter() {
    const sought = form.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const code = form.outcome.value, batch = form.batch.value, bare = form.bare.checked;
    shown = rows.filter((row) => {
      if (code && names[row[OUTCOME]] !== code) return false;
      if (batch && String(row[BATCH]) !== batch) return false;
      if (bare && row[BARE] === 0) return false;
      if (!sought.length) return true;
      const text = (row[UPN] + " " + row[NAME] + " " + names[row[STANDING]] + " " + names[row[NOTE]]).toLowerCase();
      return sought.every((word) => text.includes(word));
    });
    if (sort !== "") {
      const column = Number(sort), turn = down ? -1 : 1;
      const keyed = shown.map((row) => [key(row, column), row]);
      const text = keyed.length && typeof keyed[0][0] === "string" ? new Intl.Collator(language).compare : null;
      keyed.sort(([one], [other]) => {
        if (one === other) return 0;
        if (one === null || one === "") return 1; // what is missing comes last, either way
        if (other === null || other === "") return -1;
        return turn * (text ? text(one, other) : one - other);
      });
      shown = keyed.map(([, row]) => row);
    }
    page = Math.min(page, Math.max(0, Math.ceil(shown.length / PAGE) - 1));
    draw();
  }

  function cell(row, text, kind) {
    const cell = row.insertCell();
    cell.textContent = text;
    if (kind) cell.className = kind;
  }

  function draw() {
    const body = document.createElement("tbody");
    const from = all ? 0 : page * PAGE, to = Math.min(shown.length, all ? PRINTED : from + PAGE);
    for (const user of shown.slice(from, to)) {
      const row = body.insertRow();
      cell(row, user[NAME] ? user[UPN] + " · " + user[NAME] : user[UPN], "who");
      cell(row, outcome(user));
      cell(row, names[user[STANDING]]);
      cell(row, user[BATCH] === null ? "" : user[BATCH], "number");
      for (const column of [ADDED, READY, REMOVED, MIGRATED]) cell(row, time(user[column]), "time");
      cell(row, number(user[BARE]), "number");
      cell(row, user[APPROVALS].join(" "));
      cell(row, names[user[NOTE]], "who");
    }
    const table = $("users");
    table.replaceChild(body, table.tBodies[0]);
    for (const head of heads) {
      const sorted = head.dataset.column === sort;
      if (sorted) head.setAttribute("aria-sort", down ? "descending" : "ascending"); else head.removeAttribute("aria-sort");
    }
    const bare = shown.reduce((sum, row) => sum + row[BARE], 0);
    const found = words.found[plural.select(rows.length)], unlicensed = words.unlicensed[plural.select(bare)];
    $("shown").textContent = say(words.shown, {
      found: say(found, { shown: number(shown.length), all: number(rows.length) }),
      rows: shown.length > to - from ? say(words.rows, { from: number(from + 1), to: number(to) }) : "",
      unlicensed: say(unlicensed, { seconds: number(bare) }),
    });
    $("before").disabled = page === 0;
    $("after").disabled = to >= shown.length;
  }

  function toHash() {
    const hash = new URLSearchParams();
    if (form.q.value) hash.set("q", form.q.value);
    if (form.outcome.value) hash.set("outcome", form.outcome.value);
    if (form.batch.value) hash.set("batch", form.batch.value);
    if (form.bare.checked) hash.set("bare", "1");
    if (sort !== "") hash.set("sort", (down ? "-" : "") + sort);
    history.replaceState(null, "", hash.size ? "#" + hash : location.pathname + location.search);
  }

  function fromHash() {
    const hash = new URLSearchParams(location.hash.slice(1));
    form.q.value = hash.get("q") || "";
    form.outcome.value = hash.get("outcome") || "";
    form.batch.value = hash.get("batch") || "";
    form.bare.checked = hash.get("bare") === "1";
    const order = /^(-?)(\d+)$/.exec(hash.get("sort") || "");
    down = !!order && order[1] === "-";
    sort = order && heads.some((head) => head.dataset.column === order[2]) ? order[2] : "";
    page = 0;
    filter();
    if (hash.size) $("users-title").scrollIntoView();
  }

  const changed = () => { page = 0; filter(); toHash(); };
  form.q.addEventListener("input", changed);
  for (const field of [form.outcome, form.batch, form.bare]) field.addEventListener("change", changed);
  for (const head of heads) {
    head.querySelector("button").addEventListener("click", () => {
      const column = head.dataset.column;
      if (sort === column && down) { sort = ""; down = false; } else { down = sort === column; sort = column; }
      changed();
    });
  }
  $("before").addEventListener("click", () => { page -= 1; draw(); });
  $("after").addEventListener("click", () => { page += 1; draw(); });
  $("reset").addEventListener("click", () => {
    form.q.value = form.outcome.value = form.batch.value = ""; form.bare.checked = false; sort = ""; down = false; changed();
  });
  addEventListener("hashchange", fromHash);
  addEventListener("beforeprint", () => { all = true; draw(); });
  addEventListener("afterprint", () => { all = false; draw(); });
  document.getElementById("tools").hidden = false;
  fromHash();
})();
