import { addCopyButtons } from './copy.ts';
import { followContents } from './contents.ts';
import { startMenu } from './menu.ts';
import { startSearch } from './search.ts';
import { startThemeSwitch } from './theme.ts';

const root = (document.currentScript as HTMLScriptElement).dataset['root'] ?? '.';

startThemeSwitch();
startMenu();
startSearch(root);
addCopyButtons();
followContents();
