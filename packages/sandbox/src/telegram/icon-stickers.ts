// The emoji are from Telegram's own set of topic icons; the ids are the fake's own.
const emoji =
  '📰 💡 ⚡️ 🎙 🔝 🗣 🆒 ❗️ 📝 📆 📁 🔎 📣 🔥 ❤️ ❓ 📈 📉 💎 💰 💸 🪙 💱 ⁉️ 🎮 💻 📱 🚗 🏠 💘 🎉 ‼️ 🏆 🏁 🎬 🎵 🔞 📚 👑 ⚽️ ' +
  '🏀 📺 👀 🍓 ✈️ 🧳 🏖 ⛅️ 🦄 🛍 👜 🛒 🚂 🛥 🏔 🏕 🤖 🎟 🗳 🎓 🔭 🔬 🎶 🎤 💼 🧪 🏛 🧮 🖨 👮‍♂️ 🩺 💊 🧼 🪪 🛃 🍽 🐟 🎨 🎭 🎩 ' +
  '🔮 🍹 🎂 ☕️ 🍣 🍔 🍕 🦠 💬 🎄 🎃 ✅ ✍️ ⭐️ ❄️';

/** What `getForumTopicIconStickers` answers, as far as a bot needs it. */
export const iconStickers = emoji.split(' ').map((character, index) => ({
  file_id: `icon-${index}`,
  file_unique_id: `icon-${index}`,
  type: 'custom_emoji',
  width: 100,
  height: 100,
  is_animated: true,
  is_video: false,
  emoji: character,
  set_name: 'Topics',
  custom_emoji_id: `53000000000000${String(index).padStart(5, '0')}`,
}));
