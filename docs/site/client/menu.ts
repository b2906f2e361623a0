/** Makes the menu button of narrow screens open and close the navigation. */
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
  const current = navigation.querySelector<HTMLElement>('[aria-current]');
  if (current) navigation.scrollTop = current.offsetTop - navigation.clientHeight / 2;
}
