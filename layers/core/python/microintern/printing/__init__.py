"""What is printed; of this project, only the function that prints imports it."""
