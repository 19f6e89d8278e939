"""What each part of report.html says: plain texts, numbers already shown in the reader's language, pictures as SVG."""
