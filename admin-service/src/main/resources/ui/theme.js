// Runs before the first paint, so that a chosen theme never flashes the other one.
(function () {
  'use strict';
  let chosen = null;
  try {
    chosen = localStorage.getItem('latticegate.theme');
  } catch {
    // Storage is closed to this page: the system's choice stands.
  }
  if (chosen === 'light' || chosen === 'dark') {
    document.documentElement.dataset.theme = chosen;
  }
})();
