/** Files of the dashboard, which the build compiles from `client`. */
declare module 'fusewire:dashboard-assets' {
  /** Name of the script that the page loads. */
  export const script: string;
  /** Name of the style sheet. */
  export const style: string;
  /** Texts of all files by their names. Each name has a hash of the text in it. */
  export const files: Readonly<Record<string, string>>;
}
