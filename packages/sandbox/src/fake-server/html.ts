/** HTML that may be put into a page as it is. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A template whose values are escaped unless they are Html (or lists of it). */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (Html | readonly Html[] | string | number)[]
): Html {
  return new Html(parts.reduce((text, part, index) => text + shown(values[index - 1]) + part));
}

function shown(value: Html | readonly Html[] | string | number = ''): string {
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map((entry) => entry.text).join('');
  return String(value).replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The whole page. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          :root {
            color-scheme: light dark;
            --line: #8884;
            --accent: #ee4d2d;
          }
          body {
            font:
              15px/1.5 system-ui,
              sans-serif;
            margin: 0 auto;
            max-width: 1200px;
            padding: 1rem;
          }
          header {
            border-bottom: 3px solid var(--accent);
            margin-bottom: 1rem;
          }
          h1 {
            font-size: 1.4rem;
            margin: 0 0 0.5rem;
          }
          table {
            border-collapse: collapse;
            width: 100%;
          }
          th,
          td {
            border-bottom: 1px solid var(--line);
            padding: 0.35rem 0.6rem;
            text-align: left;
            vertical-align: top;
          }
          td.number {
            text-align: right;
            font-variant-numeric: tabular-nums;
          }
          code {
            font-size: 0.9em;
          }
          form {
            display: inline;
          }
          button {
            border: 1px solid var(--line);
            border-radius: 4px;
            cursor: pointer;
            font: inherit;
            padding: 0.1rem 0.6rem;
          }
          button.main {
            background: var(--accent);
            border-color: var(--accent);
            color: #fff;
            padding: 0.4rem 1rem;
          }
          .good {
            color: #2a8a3e;
          }
          .bad {
            color: #c92a2a;
          }
          .dim {
            opacity: 0.7;
          }
        </style>
      </head>
      <body>
        <header><h1>${title}</h1></header>
        ${body}
      </body>
    </html>`.text;
}
