/** The budgets of what clients over the network may cost the master. */

/** Requests of one address, logged in or not: so many at once, and then in a second. */
export const addressBurst = 400
export const addressRate = 60
/** Requests of one user, from wherever. */
export const userBurst = 300
export const userRate = 40
/** Tokens that are none, of one address. */
export const strangeTokenBurst = 30
export const strangeTokenRate = 0.5
/** Addresses and users that are remembered; more than these share what is left. */
export const remembered = 20_000
/** Connections in all, and of one address. */
export const connectionsInAll = 2_000
export const connectionsPerAddress = 200
/** Streams of one user. */
export const streamsPerUser = 50
/** Milliseconds: TLS, the headers, the whole request, and an idle connection. */
export const handshakeTime = 10_000
export const headerTime = 10_000
export const requestTime = 60_000
export const idleTime = 15_000
/** Milliseconds after which a stream that nobody reads is cut off. */
export const unreadTime = 60_000
export const maxHeaderBytes = 16 * 1024
/** Bytes of a body: of those who are logged in, and of those who are about to. */
export const bodyBytes = 4 * 1024 * 1024
export const strangersBodyBytes = 64 * 1024
/** Of one address, of those who are about to: so many at once, and then in a second. To read them is work. */
export const strangersBytesBurst = 4 * 1024 * 1024
export const strangersBytesRate = 128 * 1024
/** Milliseconds between two looks whether the login behind a stream still holds. */
export const recheckTime = 10_000
/** Milliseconds between two looks whether the certificate was renewed. */
export const certificateTime = 60_000
