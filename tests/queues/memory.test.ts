import { survivesKills } from './kills.ts';
import { subjects } from './subjects.ts';

survivesKills(subjects.memory);
