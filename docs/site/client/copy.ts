/** Adds a copy button to each block of code except outputs. */
export function addCopyButtons(): void {
  for (const figure of document.querySelectorAll('figure.code')) {
    const code = figure.querySelector('pre')?.textContent;
    if (code === undefined || figure.querySelector('figcaption')?.textContent === 'Output') continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(code);
        button.textContent = 'Copied';
      } catch {
        getSelection()?.selectAllChildren(figure.querySelector('pre') as Element);
        button.textContent = 'Selected';
      }
      setTimeout(() => (button.textContent = 'Copy'), 1_500);
    });
    figure.append(button);
  }
}
