// The page's own script: fetches the page again every two seconds and puts in place what changed; a click shows a cell's whole text.
const parts = ['sheet', 'tabs', 'pager', 'facts', 'charts'];
let chosen = '';

function choose() {
  document.querySelectorAll('.chosen').forEach((cell) => cell.classList.remove('chosen'));
  const cell = document.querySelector(`td[data-cell="${chosen}"]`);
  document.getElementById('name').textContent = chosen;
  document.getElementById('value').textContent = cell?.textContent ?? '';
  cell?.classList.add('chosen');
}

// The newest rows are the last ones: begin there, and stay there as long as the reader does.
const view = document.getElementById('view');
const isAtEnd = () => view.dataset.start === 'end' && view.scrollTop + view.clientHeight >= view.scrollHeight - 40;
const toEnd = () => (view.scrollTop = view.scrollHeight);
if (view.dataset.start === 'end' && !new URLSearchParams(location.search).has('page')) toEnd();

// Charts float above the cells, from the cell that each is anchored to.
const colors = [
  '#4285f4',
  '#34a853',
  '#fbbc04',
  '#ea4335',
  '#46bdc6',
  '#ff6d01',
  '#7baaf7',
  '#a142f4',
  '#5f6368',
  '#f07b72',
  '#71c287',
];
let drawn = [];

function draw() {
  for (const chart of drawn) chart.destroy();
  const place = document.getElementById('drawn');
  place.replaceChildren();
  drawn = JSON.parse(document.getElementById('charts').textContent).map((one) => {
    const figure = document.createElement('figure');
    const anchor = document.querySelector(`td[data-cell="${one.anchor}"]`);
    const [left, top] = [(anchor?.offsetLeft ?? 0) + one.left, anchor?.offsetTop ?? 0];
    figure.style.cssText = `left:${left}px;top:${top}px;width:${one.width}px;height:${one.height}px`;
    figure.append(document.createElement('canvas'));
    place.append(figure);
    return new Chart(figure.firstChild, settingsOf(one));
  });
}

function settingsOf({ title, kind, labels, series }) {
  const isRound = kind === 'doughnut';
  const datasets = series.map(({ name, values }, n) => ({
    label: name,
    data: values,
    backgroundColor: isRound ? colors : colors[n],
  }));
  const number = (value) => value.toLocaleString('en', { maximumFractionDigits: 2 });
  const axis = kind === 'bar' ? 'x' : 'y';
  return {
    type: isRound ? 'doughnut' : 'bar',
    data: { labels, datasets },
    options: {
      animation: false,
      maintainAspectRatio: false,
      indexAxis: kind === 'bar' ? 'y' : 'x',
      scales: isRound ? {} : { [axis]: { ticks: { callback: number } } },
      plugins: {
        title: { display: true, text: title, font: { size: 15 } },
        legend: { display: isRound || series.length > 1, position: isRound ? 'right' : 'top' },
      },
    },
  };
}

if (document.getElementById('charts').textContent !== '[]') draw();

view.addEventListener('click', (event) => {
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
    if (id === 'charts') draw();
  }
}

setInterval(() => {
  // A fake that was stopped answers again when it is back.
  if (!document.hidden) refresh().catch(() => {});
}, 2000);
