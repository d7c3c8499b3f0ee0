// the page reads well without this: it only hides what was not asked for
const form = document.getElementById("search");
const words = document.getElementById("words");
const found = document.getElementById("found");
const sections = [...document.querySelectorAll("section.group")].map((section) => ({
  section,
  link: document.querySelector(`.contents a[href="#${section.id}"]`).parentElement,
  entries: [...section.querySelectorAll("article.subject, .curves > li, tbody tr")]
    .filter((entry) => !entry.parentElement.closest("article.subject"))
    .map((entry) => ({ entry, text: entry.textContent.toLowerCase() })),
}));
const folded = [...document.querySelectorAll("section.group details")]
  .map((details) => ({ details, wasOpen: details.open, text: details.textContent.toLowerCase() }));
let isAsked = false;
function search() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (text) => wanted.every((word) => text.includes(word));
  let count = 0, all = 0;
  // what was unfolded by hand is found so when the search ends
  if (wanted.length && !isAsked) for (const fold of folded) fold.wasOpen = fold.details.open;
  for (const fold of folded) {
    if (wanted.length) fold.details.open = has(fold.text);
    else if (isAsked) fold.details.open = fold.wasOpen;
  }
  isAsked = wanted.length > 0;
  for (const { section, link, entries } of sections) {
    let shown = 0;
    for (const { entry, text } of entries) {
      entry.hidden = !has(text);
      shown += !entry.hidden;
    }
    section.hidden = link.hidden = isAsked && !shown;
    count += shown;
    all += entries.length;
  }
  // a table without a row left would be a heading of nothing
  for (const table of document.querySelectorAll("section.group > .scroll, section.group > details > .scroll")) {
    table.hidden = isAsked && !table.querySelector("tbody tr:not([hidden])");
  }
  found.textContent = isAsked ? `${count || "none"} of ${all} entries` : "";
}
form.hidden = false;
form.addEventListener("input", search);
form.addEventListener("submit", (event) => event.preventDefault());
// a link to what the search hides ends the search
document.addEventListener("click", (event) => {
  const hash = event.target.closest("a[href^='#']")?.hash;
  if (hash && document.getElementById(hash.slice(1))?.closest("[hidden]")) {
    words.value = "";
    search();
  }
});
search();
