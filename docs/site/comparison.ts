/** Comparison tables: row headers, and a sign and a colour for each *yes* and *no*. */

const SIGNS = { yes: '✓', no: '✗' } as const;

/** Marks up the tables of a comparison page. Screen readers read the words, not the signs. */
export function markComparison(html: string): string {
  return html.replaceAll(/<tbody>[^]*?<\/tbody>/g, (body) =>
    body
      .replaceAll(/<tr>\s*<td>([^]*?)<\/td>/g, '<tr>\n<th scope="row">$1</th>')
      .replaceAll(/<td>([^]*?)<\/td>/g, (_, content: string) => `<td${answer(content)}</td>`),
  );
}

function answer(content: string): string {
  const [, open = '', word, close = ''] = /^(<a [^>]*>)?(yes|no)(<\/a>)?$/.exec(content) ?? [];
  if (word !== 'yes' && word !== 'no') return ` class="partly">${content}`;
  const sign = `<span aria-hidden="true">${SIGNS[word]}</span>`;
  return ` class="${word}">${open}${sign}<span class="for-readers">${word}</span>${close}`;
}
