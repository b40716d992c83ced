/** What the quick reader leaves to the full one: rare forms, and every mistake, which the full one explains. */

class Unusual extends Error {}

/** One for all: it is caught at once, and a stack for each would cost more than the reading. */
export const unusual = new Unusual('left to the full reader')
