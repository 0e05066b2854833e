// npm's urlpattern-polyfill, by the authors of the standard.
// https://urlpattern.spec.whatwg.org/
export { URLPattern } from "urlpattern-polyfill/urlpattern";
