// The page's own script: fetches the page again every two seconds and puts in place what changed; a click shows a cell's whole text.
const parts = ['sheet', 'tabs', 'pager', 'facts'];
let chosen = '';

function choose() {
  document.querySelectorAll('.chosen').forEach((cell) => cell.classList.remove('chosen'));
  const cell = document.querySelector(`td[data-cell="${chosen}"]`);
  document.getElementById('name').textContent = chosen;
  document.getElementById('value').textContent = cell?.textContent ?? '';
  cell?.classList.add('chosen');
}

// The newest rows are the last ones: begin there, and stay there as long as the reader does.
const sheet = document.getElementById('sheet');
const isAtEnd = () => sheet.scrollTop + sheet.clientHeight >= sheet.scrollHeight - 40;
const toEnd = () => (sheet.scrollTop = sheet.scrollHeight);
if (!new URLSearchParams(location.search).has('page')) toEnd();

sheet.addEventListener('click', (event) => {
  chosen = event.target.closest('td')?.dataset.cell ?? '';
  choose();
});

async function refresh() {
  const follow = isAtEnd();
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const id of parts) {
    const [now, then] = [fresh.getElementById(id), document.getElementById(id)];
    if (now.innerHTML === then.innerHTML) continue;
    then.innerHTML = now.innerHTML;
    if (id === 'sheet') choose();
    if (id === 'sheet' && follow) toEnd();
  }
}

setInterval(() => {
  // A fake that was stopped answers again when it is back.
  if (!document.hidden) refresh().catch(() => {});
}, 2000);
