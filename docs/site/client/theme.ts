/** Makes the theme button switch between light and dark. Until it is used, the system's preference applies. */
export function startThemeSwitch(): void {
  const { documentElement } = document;
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  document.querySelector('button.theme')?.addEventListener('click', () => {
    const current = documentElement.dataset['theme'] ?? (prefersDark.matches ? 'dark' : 'light');
    const next = current === 'dark' ? 'light' : 'dark';
    documentElement.dataset['theme'] = next;
    try {
      localStorage.setItem('theme', next);
    } catch {
      // Without storage the choice lasts until the page is left.
    }
  });
}
