"""People whom a store enters itself: somebody who came in or called, on the way to becoming the store's lead."""
