/** The expected id, for messages. */
export const ID_EXPECTED = "one of Verifik's ids, 24 hexadecimal digits";

/** Returns the id of a registration at Verifik, an ObjectId; `undefined` for other text, such as a phone number. */
export const idOf = (text: string): string | undefined =>
  /^[0-9a-f]{24}$/i.test(text) ? text.toLowerCase() : undefined;
