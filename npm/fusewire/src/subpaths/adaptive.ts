/** `fusewire/adaptive`: breakers whose thresholds follow a schedule and a forecast. */
export { adaptive } from '../adaptive/adaptive.ts';

export type { Adaptive } from '../adaptive/adaptive.ts';
export type {
  AdaptiveExplanation,
  AdaptiveOptions,
  AdaptiveStats,
  Foreseen,
  PredictionOptions,
  PredictionStats,
  ScheduleEntry,
  ScheduleOptions,
  Weekday,
} from '../adaptive/options.ts';
