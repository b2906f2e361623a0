export const managementPlaceholder = true;
