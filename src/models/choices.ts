/** Choices that one request asks for, at most: a request that fails costs all of them. A file of its own, since a plan needs it and no client. */
export const MOST_CHOICES = 16;
