"""What comes into the book and goes out of it: process files and facts."""
