// Before the first paint, so that a dark page never flashes white. The key is Mantine's own.
const kept = localStorage.getItem('mantine-color-scheme-value');
const dark = matchMedia('(prefers-color-scheme: dark)').matches;
const scheme = kept === 'light' || kept === 'dark' ? kept : dark ? 'dark' : 'light';
document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
