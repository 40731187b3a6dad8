// Loads the page again when the server has made a new one.
new EventSource("/changes").addEventListener("changed", () => location.reload());
