/** Page of the dashboard. */
export interface View {
  readonly title: string;
  readonly element: HTMLElement;
  /** Shows the present state. Called before the next frame after a change, and once a second. */
  draw(): void;
  onKey?(event: KeyboardEvent): void;
  /** Called when another page is opened. */
  close?(): void;
}
