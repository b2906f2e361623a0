export const alertsPlaceholder = true;
