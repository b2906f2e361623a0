/** The switch between light and dark: without it, what the system prefers. */
export function startThemeSwitch(): void {
  const { documentElement } = document;
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  document.querySelector('button.theme')?.addEventListener('click', () => {
    const present = documentElement.dataset['theme'] ?? (prefersDark.matches ? 'dark' : 'light');
    const next = present === 'dark' ? 'light' : 'dark';
    documentElement.dataset['theme'] = next;
    try {
      localStorage.setItem('theme', next);
    } catch {
      // The page has no storage: the choice lasts until it is left.
    }
  });
}
