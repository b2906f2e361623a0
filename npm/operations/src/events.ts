export const eventsPlaceholder = true;
