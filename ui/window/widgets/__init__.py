"""The building blocks of every page. They take translated text and know no business."""
