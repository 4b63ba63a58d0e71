/** The API takes order numbers and ids of up to so many letters. */
export const maxSearchLength = 100;
