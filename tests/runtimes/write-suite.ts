/** Writes the suite for Node, `on-node.mjs <backend>`, into a folder: for a machine that has nothing but the tarballs. */
import { bundleForFolder } from './hosts/folder.ts';

await bundleForFolder(process.argv[2] as string);
