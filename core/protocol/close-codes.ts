/** Why a socket was closed. The stock provider retries on any of them; ours reads the code first. */
export const closeCodes = {
  signIn: 4401,
  noRight: 4403,
  noRoom: 4404,
  protocolVersion: 4406,
  /** Other rights than before: come back, and ask what one may do now. */
  rightsChanged: 4408,
  copyRefused: 4409,
  quota: 4429,
  later: 4503,
  restart: 1012,
} as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];
