// the page reads well without this: it only hides what was not asked for
const form = document.getElementById("filters");
const words = document.getElementById("words");
const product = document.getElementById("product");
const state = document.getElementById("state");
const found = document.getElementById("found");
const sections = [...document.querySelectorAll(".listing")].map((section) => ({
  section,
  name: section.querySelector("h2").textContent.toLowerCase(),
  rows: [...section.querySelectorAll("li")].map((row) => ({ row, text: row.textContent.toLowerCase() })),
}));
function filter() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { section, name, rows } of sections) {
    const isAsked = !product.value || section.dataset.product === product.value;
    let shown = 0;
    for (const { row, text } of rows) {
      const isShown = isAsked && (!state.value || row.dataset.state === state.value)
        && wanted.every((word) => text.includes(word) || name.includes(word));
      row.hidden = !isShown;
      shown += isShown;
    }
    section.hidden = !shown;
    count += shown;
  }
  found.textContent = count === 1 ? "1 metric" : `${count || "no"} metrics`;
}
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
filter();
