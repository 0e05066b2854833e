// In place of the package: the platform's own.
module.exports = { AbortController, AbortSignal };
