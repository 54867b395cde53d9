// Four functions that Chromium 80 (the floor of government browsers) lacks and the diagram library calls.
if (!Object.hasOwn) {
  Object.hasOwn = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
}
if (!String.prototype.replaceAll) {
  String.prototype.replaceAll = function (what, by) {
    return what instanceof RegExp ? this.replace(what, by) : this.split(what).join(by);
  };
}
if (!Array.prototype.at) {
  Array.prototype.at = function (index) {
    return this[index < 0 ? this.length + index : index];
  };
}
if (!window.structuredClone) {
  // The library only clones plain boxes of numbers with it.
  window.structuredClone = (value) => JSON.parse(JSON.stringify(value));
}
