/** The longest order number or id that the API accepts. */
export const maxSearchLength = 100;
