"""Who signed up lately and what became of people: counted ahead, so that whoever types points sees what they do."""
