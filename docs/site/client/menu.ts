/** The navigation of narrow screens. */
export function startMenu(): void {
  const button = document.querySelector<HTMLButtonElement>('button.menu');
  const navigation = document.querySelector<HTMLElement>('nav.pages');
  if (!button || !navigation) return;
  const show = (open: boolean): void => {
    button.setAttribute('aria-expanded', String(open));
    document.body.classList.toggle('menu-open', open);
  };
  button.addEventListener('click', () => show(button.getAttribute('aria-expanded') !== 'true'));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && document.body.classList.contains('menu-open')) {
      show(false);
      button.focus();
    }
  });
  navigation.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  scrollTo(0, location.hash ? scrollY : 0);
}
