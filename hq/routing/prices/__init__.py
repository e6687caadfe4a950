"""What room at a store is worth to the customers who are still to come, learnt from those who came lately."""
