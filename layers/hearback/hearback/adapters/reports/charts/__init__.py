"""The pictures of report.html: drawn by lets-plot, then reduced to plain shapes in the page's own colours."""
