(function () {
  "use strict";
  var root = document.documentElement;
  var specs = JSON.parse(document.getElementById("chart-specs").textContent);
  var options = { actions: false, ast: true, defaultStyle: false, mode: "vega-lite", renderer: "svg",
                  tooltip: { disableDefaultStyle: true } };
  var views = {};
  var LOWER = 0.65;

  // The library names its marks in English alone; their labels are in the language of the page.
  function unname() {
    document.querySelectorAll("[aria-roledescription]").forEach(function (mark) {
      mark.removeAttribute("aria-roledescription");
    });
  }

  function fit() {
    var share = root.classList.contains("paper") ? LOWER : 1;
    Object.keys(views).forEach(function (key) {
      views[key].width(document.getElementById(key).clientWidth).height(specs[key].height * share).run();
    });
    unname();
  }

  // A chart is drawn for the room it has: paper is narrower than the screen, and holds only so much.
  window.addEventListener("beforeprint", function () { root.classList.add("paper"); fit(); });
  window.addEventListener("afterprint", function () { root.classList.remove("paper"); fit(); });

  Promise.all(Object.keys(specs).map(function (key) {
    return vegaEmbed(document.getElementById(key), specs[key], options).then(function (result) {
      views[key] = result.view;
    });
  })).then(function () { unname(); root.classList.add("drawn"); }, function (error) { console.error(error); });
})();
