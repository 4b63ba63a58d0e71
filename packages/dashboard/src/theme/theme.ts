import { Alert, createTheme, NavLink, Tooltip, type MantineColorsTuple } from '@mantine/core';

/** Shopee's orange, dark enough from shade 7 on for white text (WCAG AA). */
const brand: MantineColorsTuple = [
  '#fff2ee',
  '#ffe2da',
  '#ffc2b3',
  '#ff9e87',
  '#fb7a5c',
  '#f5613e',
  '#ee4d2d',
  '#cf3a1b',
  '#b02f14',
  '#8f240e',
];

export const theme = createTheme({
  colors: { brand },
  primaryColor: 'brand',
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 'md',
  fontFamily: "'Inter Variable', -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  components: {
    Alert: Alert.extend({
      styles: {
        // Error texts may contain long words, such as an id.
        root: { overflowWrap: 'anywhere' },
        // The default color is too pale on its background (WCAG AA wants 4.5:1).
        label: { color: 'var(--mantine-color-text)' },
      },
    }),
    NavLink: NavLink.extend({ styles: { root: { borderRadius: 'var(--mantine-radius-md)' } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true } }),
  },
});
