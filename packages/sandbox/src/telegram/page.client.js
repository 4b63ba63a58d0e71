// The page's own script: reads /_sandbox/messages every second and draws what changed.
const byId = (id) => document.getElementById(id);
const view = { chat: undefined, thread: 'all', seen: '' };
let data = { chats: [], messages: [] };

function el(tag, attributes = {}, children = []) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'html') node.innerHTML = value;
    else if (name === 'text') node.textContent = value;
    else if (name === 'onclick') node.addEventListener('click', value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const chatNow = () => data.chats.find((chat) => chat.id === view.chat) ?? data.chats[0];
const color = (number) => `#${number.toString(16).padStart(6, '0')}`;
const inThread = (message) =>
  view.thread === 'all' ||
  (view.thread === 'general' ? message.threadId === undefined : message.threadId === view.thread);

async function act(body) {
  const answer = await fetch('/_sandbox/act', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, by: Number(byId('by').value), chat: chatNow().id }),
  });
  if (!answer.ok) toast((await answer.json()).message);
  await refresh();
}

function toast(text) {
  byId('toast').textContent = text;
  byId('toast').className = 'shown';
  setTimeout(() => (byId('toast').className = ''), 2500);
}

function topicButton({ key, name, icon, back, count, gone }) {
  return el('button', { 'aria-current': String(view.thread === key), onclick: () => show(key) }, [
    el('span', { class: 'icon', style: `background:${back}`, text: icon }),
    el('span', { class: gone ? 'name gone' : 'name', text: name }),
    el('span', { class: 'count', text: String(count) }),
  ]);
}

function show(key) {
  view.thread = key;
  view.seen = '';
  draw();
}

function bubble(message) {
  if (message.service) {
    const words = message.service.replaceAll('_', ' ');
    return el('div', { class: 'service', text: message.text ? `${words}: ${message.text}` : words });
  }
  const children = [];
  if (view.thread === 'all') children.push(el('div', { class: 'who', text: `${message.sender} · ${message.topic}` }));
  else if (message.sender !== 'bot') children.push(el('div', { class: 'who', text: message.sender }));
  if (message.document) {
    const { fileId, name, size } = message.document;
    children.push(el('a', { href: `/_sandbox/files/${fileId}`, target: '_blank', text: `📄 ${name} (${size} bytes)` }));
  }
  children.push(el('div', { html: message.html }));
  const at = new Date(message.at).toLocaleTimeString();
  const marks = [message.silent ? '🔕' : '', message.edits > 0 ? `edited ${message.edits}×` : '', at];
  children.push(el('span', { class: 'meta', text: marks.filter(Boolean).join(' ') }));
  if (message.keyboard)
    children.push(
      el(
        'div',
        { class: 'keys' },
        message.keyboard.map((row) => keyRow(message, row)),
      ),
    );
  return el('div', { class: message.sender === 'bot' ? 'bubble' : 'bubble person' }, children);
}

function keyRow(message, row) {
  const key = (button) =>
    button.url
      ? el('a', { href: button.url, target: '_blank', text: button.text })
      : el('button', {
          text: button.text,
          onclick: () => act({ act: 'press', messageId: message.id, button: button.callback_data }),
        });
  return el('div', {}, row.map(key));
}

function draw() {
  const chat = chatNow();
  if (!chat) return;
  const messages = data.messages.filter((message) => message.chat === chat.id);
  const seen = JSON.stringify([chat, messages, view.thread]);
  if (seen === view.seen) return;
  view.seen = seen;
  const real = messages.filter((message) => !message.service);
  const count = (test) => real.filter(test).length;
  byId('counts').textContent = `${real.length} messages · ${chat.topics.length} topics · bot is ${chat.bot.status}`;
  byId('topics').replaceChildren(
    topicButton({ key: 'all', name: 'All messages', icon: '☰', back: 'transparent', count: real.length }),
    topicButton({
      key: 'general',
      name: 'General',
      icon: '#',
      back: 'transparent',
      count: count((m) => m.threadId === undefined),
    }),
    ...chat.topics.map((topic) =>
      topicButton({
        key: topic.threadId,
        name: topic.closed ? `🔒 ${topic.name}` : topic.name,
        icon: topic.icon ?? topic.name.charAt(0),
        back: color(topic.iconColor),
        count: count((m) => m.threadId === topic.threadId),
        gone: topic.deletedAt !== undefined,
      }),
    ),
  );
  const topic = chat.topics.find((topic) => topic.threadId === view.thread);
  byId('title').textContent = topic?.name ?? (view.thread === 'general' ? 'General' : 'All messages');
  const list = byId('messages');
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.replaceChildren(...messages.filter(inThread).slice(-300).map(bubble));
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function fillSelects() {
  const chat = chatNow();
  if (byId('chat').options.length !== data.chats.length) {
    byId('chat').replaceChildren(...data.chats.map((chat) => el('option', { value: chat.id, text: chat.title })));
  }
  if (chat && byId('by').options.length !== chat.people.length) {
    const option = (person) => el('option', { value: person.id, text: `${person.first_name} (${person.status})` });
    byId('by').replaceChildren(...chat.people.map(option));
  }
}

async function refresh() {
  data = await (await fetch('/_sandbox/messages')).json();
  fillSelects();
  draw();
}

byId('chat').addEventListener('change', (event) => {
  view.chat = Number(event.target.value);
  show('all');
});
byId('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = byId('text').value.trim();
  if (text === '') return;
  byId('text').value = '';
  const where = typeof view.thread === 'number' ? { threadId: view.thread } : {};
  void act({ act: 'say', text, ...where });
});

setInterval(() => {
  refresh().catch(() => toast('the fake does not answer'));
}, 1000);
void refresh();
